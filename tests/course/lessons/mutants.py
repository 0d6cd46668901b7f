"""Small automatic changes to a reference: what a careless hand might write."""

import ast
import copy
from collections.abc import Callable, Iterator

SWAPS = {
    ast.Mult: ast.Add,
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Pow: ast.Mult,
    ast.Div: ast.Mult,
    ast.MatMult: ast.Mult,
    ast.Eq: ast.NotEq,
    ast.In: ast.NotIn,
}


def mutants(source: str) -> Iterator[str]:
    """Each text that differs from the source by one change."""
    tree = ast.parse(source)
    for index, node in enumerate(ast.walk(tree)):
        for change in changes_of(node):
            mutant = copy.deepcopy(tree)
            change(list(ast.walk(mutant))[index])
            text = ast.unparse(ast.fix_missing_locations(mutant))
            if text != ast.unparse(tree):
                yield text


def changes_of(node: ast.AST) -> Iterator[Callable]:
    """The changes that suit one node; each is a function that makes the change in place."""
    if isinstance(node, ast.BinOp):
        yield lambda it: setattr(it, "op", SWAPS.get(type(it.op), ast.Add)())
        yield lambda it: become(it, it.left)
        yield lambda it: become(it, it.right)
        yield swap_sides
    elif isinstance(node, ast.AugAssign):
        yield lambda it: setattr(it, "op", SWAPS.get(type(it.op), ast.Add)())
    elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
        yield lambda it: setattr(it, "value", it.value + 1)
        yield lambda it: setattr(it, "value", -it.value)
    elif isinstance(node, ast.Return) and isinstance(node.value, ast.Tuple):
        yield lambda it: it.value.elts.reverse()
        yield lambda it: it.value.elts.pop()
    if isinstance(node, ast.Return) and node.value is not None:
        yield lambda it: setattr(it, "value", None)
    if isinstance(node, ast.FunctionDef):
        yield lambda it: it.args.args.reverse()
    if isinstance(node, ast.Compare):
        yield lambda it: setattr(it, "ops", [SWAPS.get(type(it.ops[0]), ast.Eq)()])
    if isinstance(node, ast.Constant) and type(node.value) is bool:
        yield lambda it: setattr(it, "value", not it.value)
    if isinstance(node, ast.FunctionDef | ast.For | ast.If | ast.With):
        for index in range(len(node.body)):
            yield lambda it, index=index: it.body.__setitem__(index, ast.Pass())
        yield lambda it: it.body.reverse()


def become(node: ast.BinOp, other: ast.expr) -> None:
    """Drop the other side of an operation: one side is left, times one."""
    node.left, node.op, node.right = other, ast.Mult(), ast.Constant(1)


def swap_sides(node: ast.BinOp) -> None:
    node.left, node.right = node.right, node.left
