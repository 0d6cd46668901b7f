"""Neural networks: modules, parameters, layers, losses."""

from . import functional, parameter
from .containers import Sequential
from .layers import Linear, MSELoss, ReLU
from .module import Module
from .parameter import Parameter

__all__ = ["Linear", "MSELoss", "Module", "Parameter", "ReLU", "Sequential", "functional", "parameter"]
