"""A tape as text for other tools: Graphviz's dot, and Mermaid, which Markdown pages draw."""

from typing import Any

Data = dict[str, Any]
DOT = {"leaf": "shape=box, style=bold", "constant": "shape=box, style=dashed", "operator": "shape=ellipse"}
MERMAID = {"leaf": ("[", "]"), "constant": ("[/", "/]"), "operator": ("([", "])")}


def dot(data: Data) -> str:
    """The graph in Graphviz's language, modules as clusters.

    >>> print(dot({"nodes": [], "edges": [], "groups": []}))
    digraph tape {
    }
    """
    lines = ["digraph tape {"]
    lines += _grouped(data, None, 1, _dot_node, lambda group: f"subgraph cluster_{group['id']} {{", "}")
    for edge in data["edges"]:
        lines.append(f"  n{edge['from']} -> n{edge['to']};")
    return "\n".join([*lines, "}"])


def mermaid(data: Data) -> str:
    """The graph in Mermaid's language, modules as subgraphs.

    >>> print(mermaid({"nodes": [], "edges": [], "groups": []}))
    flowchart TD
    """
    lines = ["flowchart TD"]
    lines += _grouped(data, None, 1, _mermaid_node, lambda group: f'subgraph g{group["id"]}["{_plain(group)}"]', "end")
    lines += [f"  n{edge['from']} --> n{edge['to']}" for edge in data["edges"]]
    return "\n".join(lines)


def _grouped(data: Data, parent: int | None, depth: int, node_line: Any, start: Any, end: str) -> list[str]:
    """The nodes of one group, then the groups inside it."""
    indent, lines = "  " * depth, []
    for node in data["nodes"]:
        if node.get("group") == parent:
            lines.append(indent + node_line(node))
    for group in data.get("groups", ()):
        if group["parent"] == parent:
            inside = _grouped(data, group["id"], depth + 1, node_line, start, end)
            title = [f'{indent}  label="{_escaped(group["label"])}";'] if node_line is _dot_node else []
            lines += [indent + start(group), *title, *inside, indent + end]
    return lines


def _text(node: Data) -> str:
    """Name or operator, and the shape."""
    name = node.get("name")
    text = f"{node['label']} ({name})" if name and node["kind"] == "operator" else node["label"]
    return text if node["shape"] is None else f"{text} {list(node['shape'])}"


def _dot_node(node: Data) -> str:
    return f'n{node["id"]} [label="{_escaped(_text(node))}", {DOT[node["kind"]]}];'


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


def _mermaid_node(node: Data) -> str:
    opening, closing = MERMAID[node["kind"]]
    return f'n{node["id"]}{opening}"{_quoted(_text(node))}"{closing}'


def _plain(group: Data) -> str:
    return _quoted(group["label"])


def _quoted(text: str) -> str:
    """Mermaid writes characters with a meaning as entities."""
    return text.replace("#", "#35;").replace('"', "#quot;").replace("<", "#lt;").replace(">", "#gt;")
