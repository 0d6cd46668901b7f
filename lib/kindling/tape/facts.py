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
        rows: list[Row] = [("is", cards.KINDS[cards.kind(node)])]
        row = self.source.rows_of[node["id"]]
        if row:
            _, line, text = self.source.rows[row[0]]
            rows.append(("made by", f"line {line}: {text.strip()}"))
        elif node.get("before"):
            rows.append(("made", "before the recording began"))
        path, kind = self.module(node)
        if kind:
            own = node["kind"] == "operator" or node.get("parameter")
            rows.append(("in module" if own else "used in", f"{path} ({kind})" if path else kind))
        rows.append(("shape", story.sized(node).removeprefix("shape ")))
        rows += [(term, str(node[term])) for term in ("dtype", "device") if node.get(term)]
        if node.get("stats"):
            rows.append(_stats(node["stats"]))
        return rows + self._memory(node)

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
