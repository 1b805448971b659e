// Bundle js/ into samwidget/static/{widget,report}.{js,css}: `npm run build`, `npm run build -- --watch`.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import * as esbuild from "esbuild";

/** @type {import("esbuild").BuildOptions} */
const options = {
  absWorkingDir: join(dirname(fileURLToPath(import.meta.url)), ".."),
  entryPoints: [
    { in: "js/index.ts", out: "widget" },
    { in: "js/style.css", out: "widget" },
    { in: "js/report.ts", out: "report" },
    { in: "js/report/page.css", out: "report" },
  ],
  outdir: "samwidget/static",
  bundle: true,
  format: "esm",
  target: "es2022",
  minify: true,
  legalComments: "none",
  logLevel: "info",
};

if (process.argv.includes("--watch")) {
  const context = await esbuild.context(options);
  await context.watch();
} else {
  await esbuild.build(options);
}
