"""Everything known of a node that no step changes, as short rows for the inspector."""

from typing import Any

from . import cards, story
from .listing import Listing

Data = dict[str, Any]
Row = tuple  # term, words, and perhaps ten counts


class Facts:
    """Answers for one tape."""

    def __init__(self, data: Data, source: Listing) -> None:
        self.data, self.source = data, source
        self.modules = {group["id"]: group for group in data.get("groups", ())}

    def of(self, node: Data) -> list[Row]:
        """Rows of a term and what there is to say."""
        rows: list[Row] = [("is", cards.KINDS[cards.kind(node)])]
        row = self.source.rows_of[node["id"]]
        if row:
            _, line, text = self.source.rows[row[0]]
            rows.append(("made by", f"line {line}: {text.strip()}"))
        elif node.get("before"):
            rows.append(("made", "before the recording began"))
        module = self._module(node)
        if module:
            rows.append(("in module", module))
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

    def _module(self, node: Data) -> str:
        group = self.modules.get(node.get("group"))
        if group is None:
            return node.get("module", "")
        return f"{group['path']} ({group['type']})" if group.get("path") else group["label"]

    def _memory(self, node: Data) -> list[Row]:
        rows: list[Row] = []
        if node.get("in_place"):
            rows.append(("in place", "it wrote into memory that was there before"))
        if node.get("version"):
            rows.append(("version", f"{node['version']}: how often this memory had been written"))
        if node.get("view_of") is not None:
            rows.append(("view of", f"{story.called(self.data['nodes'][node['view_of']])}: the same memory"))
        for saved in node.get("saved", ()):
            size = " × ".join(map(str, saved["shape"])) if saved.get("shape") else "one number"
            what = saved["name"]
            if saved.get("of") is not None:
                what += f" = {story.called(self.data['nodes'][saved['of']])}"
            rows.append(
                ("keeps", f"{what} ({size}, {saved.get('dtype')}, {story.counted(saved.get('bytes') or 0, 'byte')})")
            )
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
