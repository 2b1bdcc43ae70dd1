// Bundles the page: node build.mjs FOLDER, where FOLDER has node_modules; writes FOLDER/out.
import { createHash } from "node:crypto";
import { createRequire } from "node:module";
import { mkdirSync, readFileSync, writeFileSync, copyFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

if (!process.argv[2]) {
  console.error("usage: node build.mjs FOLDER");
  process.exit(2);
}
const folder = resolve(process.argv[2]);
const here = dirname(fileURLToPath(import.meta.url));
const esbuild = await import(pathToFileURL(createRequire(join(folder, "package.json")).resolve("esbuild")));
const out = join(folder, "out");
mkdirSync(out, { recursive: true });
const options = {
  outdir: out,
  nodePaths: [join(folder, "node_modules")],
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2021",
  jsx: "automatic",
  jsxImportSource: "preact",
  charset: "utf8",
  legalComments: "none",
  loader: { ".woff2": "file" },
  assetNames: "[name]",
  publicPath: "/assets",
  logLevel: "warning",
};
// Kept for a year by their address: what is in them is in it.
const stamp = (name) => createHash("sha256").update(readFileSync(join(out, name))).digest("hex").slice(0, 12);
// What draws borders is loaded by whoever looks at a map.
await esbuild.build({ ...options, entryPoints: { map: join(here, "src/map.ts") } });
await esbuild.build({
  ...options,
  entryPoints: { app: join(here, "src/main.tsx") },
  external: ["/assets/*"],
  define: { MAP_ADDRESS: JSON.stringify(`/assets/map.js?v=${stamp("map.js")}`) },
});
await esbuild.build({ ...options, entryPoints: { roles: join(here, "src/roles/main.tsx") } });
for (const name of ["index.html", "roles.html"]) {
  const html = readFileSync(join(here, "src", name), "utf8").replace(/\/assets\/((?:app|roles)\.(?:js|css))/g, (_, file) => `/assets/${file}?v=${stamp(file)}`);
  writeFileSync(join(out, name), html);
}
copyFileSync(join(here, "src/icon.svg"), join(out, "icon.svg"));
