/* Python beside the page: Pyodide, and in it the cells of one reader. */
const here = (file) => new URL(file, import.meta.url).href;
let cells;

const say = (kind, more) => self.postMessage({ kind, ...more });

async function start() {
  say("progress", { text: "Fetching Python …" });
  const { loadPyodide } = await import(here("pyodide/pyodide.mjs"));
  const python = await loadPyodide({ indexURL: here("pyodide/"), packageBaseUrl: here("pyodide/") });
  say("progress", { text: "Fetching NumPy and Kindling …" });
  const [, bundle] = await Promise.all([
    python.loadPackage("numpy", { messageCallback: () => {} }),
    fetch(here("kindling.zip")).then((answer) => answer.arrayBuffer()),
  ]);
  python.unpackArchive(bundle, "zip", { extractDir: "/kindling" });
  python.runPython("import sys; sys.path.insert(0, '/kindling')");
  const emit = (cell, output) => say("output", { cell, output: output.toJs({ dict_converter: Object.fromEntries }) });
  cells = python.pyimport("course.site.cells").Cells(emit);
  python.runPython("import kindling, course.checks");
  say("ready");
}

self.onmessage = ({ data: { cell, source } }) => say("done", { cell, good: cells.run(cell, source) });

start().catch((reason) => say("failed", { text: String(reason.message || reason).split("\n")[0] }));
