"""Everything known of a node that no step changes, as short rows for the inspector."""

from typing import Any

from . import cards, story
from .listing import Listing

Data = dict[str, Any]
Row = tuple  # term, words, and perhaps ten counts (or 0) and a node that this leads to


class Facts:
    """Answers for one tape."""

    def __init__(self, data: Data, source: Listing) -> None:
        self.data, self.source = data, source
        self.modules = {group["id"]: group for group in data.get("groups", ())}
        self.users: dict[int, list[Data]] = {}
        for edge in data["edges"]:
            self.users.setdefault(edge["from"], []).append(data["nodes"][edge["to"]])

    def of(self, node: Data) -> list[Row]:
        """Rows of a term and what there is to say."""
        rows: list[Row] = []
        row = self.source.rows_of[node["id"]]
        if row:
            rows.append(("made by", self._line(row)))
        elif node.get("before"):
            rows.append(("made", "before the recording began"))
        elif used := self._first_use(node):
            rows.append(("first used", used))
        path, kind = self.module(node)
        if kind:
            own = node["kind"] == "operator" or node.get("parameter")
            rows.append(("in module" if own else "used in", f"{path} ({kind})" if path else kind))
        about = (story.sized(node).removeprefix("shape "), node.get("dtype"), node.get("device"))
        rows.append(("shape", ", ".join(str(part) for part in about if part)))
        rows.append(("is", cards.KINDS[cards.kind(node)]))
        rows += self._memory(node)
        return rows + ([_stats(node["stats"])] if node.get("stats") else [])

    def _line(self, row: list[int]) -> str:
        _, line, text = self.source.rows[row[0]]
        return f"line {line}: {text.strip()}"

    def _first_use(self, node: Data) -> str | None:
        """The line of a tensor that no operator made; who made it, such as `torch.tensor`, is not recorded."""
        rows = (self.source.rows_of[user["id"]] for user in self.users.get(node["id"], ()))
        return next((self._line(row) for row in rows if row), None)

    def input_name(self, edge: Data) -> str | None:
        """What the operator's declaration calls this input."""
        names = self.data["nodes"][edge["to"]].get("inputs") or []
        return names[edge["input"]] if edge["input"] < len(names) else None

    def formula(self, edge: Data) -> str | None:
        """The rule that gives this input's gradient."""
        name = self.input_name(edge)
        return (self.data["nodes"][edge["to"]].get("formula") or {}).get(name)

    def module(self, node: Data) -> tuple[str, str]:
        """Path and kind of the module that made a result, or in which a tensor has all its uses."""
        users = [node] if node["kind"] == "operator" else self.users.get(node["id"], ())
        chains = [self._chain(user) for user in users]
        number = None
        for same in zip(*chains, strict=False):
            if len(set(same)) > 1:
                break
            number = same[0]
        group = self.modules.get(number, {})
        return group.get("path", ""), group.get("type" if group.get("path") else "label", "")

    def _chain(self, node: Data) -> list[int]:
        """The calls around an operator, from outside."""
        found, number = [], node.get("group")
        while number is not None:
            found.append(number)
            number = self.modules[number].get("parent")
        return found[::-1]

    def _memory(self, node: Data) -> list[Row]:
        rows: list[Row] = []
        if node.get("in_place"):
            rows.append(("in place", "it wrote into memory that was there before"))
        if node.get("version"):
            rows.append(("version", f"{node['version']}: how often this memory had been written"))
        if node.get("view_of") is not None:
            rows.append(("view of", "the same memory as", 0, node["view_of"]))
        for saved in node.get("saved", ()):
            size = " × ".join(map(str, saved["shape"])) if saved.get("shape") else "one number"
            what = f"{saved['name']} ({size}, {saved.get('dtype')}, {story.counted(saved.get('bytes') or 0, 'byte')})"
            rows.append(("keeps", what) if saved.get("of") is None else ("keeps", f"{what}:", 0, saved["of"]))
        if node.get("saved") == [] and node["requires_grad"]:
            rows.append(("keeps", "nothing"))
        if node.get("error"):
            rows.append(("failed", node["error"]))
        if node.get("edited"):
            rows.append(("edited", "its value or rule was changed for this replay"))
        return rows


def _stats(stats: Data) -> Row:
    words = f"{stats['min']:.4g} to {stats['max']:.4g}, mean {stats['mean']:.4g}"
    if stats.get("nan"):
        words += f", {stats['nan']:,} not a number"
    if stats.get("sampled"):
        words += " (from a sample)"
    return ("values", words, [int(count) for count in stats.get("histogram", ())])
