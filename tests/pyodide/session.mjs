// Runs cells in Pyodide under node: session.mjs FOLDER_OF_PYODIDE BUNDLE, with cells and outputs as JSON on stdin and stdout.
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const [folder, bundle] = process.argv.slice(2);
try {
  const { loadPyodide } = await import(pathToFileURL(`${folder}/pyodide.mjs`).href);
  const python = await loadPyodide({ indexURL: folder });
  await python.loadPackage("numpy", { messageCallback: () => {} });
  python.unpackArchive(new Uint8Array(readFileSync(bundle)), "zip", { extractDir: "/kindling" });
  python.runPython("import sys; sys.path.insert(0, '/kindling')");
  const seen = [];
  const emit = (cell, output) => seen.push([cell, output.toJs({ dict_converter: Object.fromEntries })]);
  const cells = python.pyimport("course.site.cells").Cells(emit);
  JSON.parse(readFileSync(0, "utf8")).forEach((source, number) => cells.run(number, source));
  console.log(JSON.stringify(seen));
} catch (reason) {
  console.error(String(reason.stack || reason).slice(0, 3000)); // node would print all of Pyodide's one long line
  process.exitCode = 1;
}
