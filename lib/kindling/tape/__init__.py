"""Records a run, lays its graph out, draws it, and steps through it."""
