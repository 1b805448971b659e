/// <reference types="vite/client" />
// Imports point one way: this test holds the table. Its Python twin is tests/test_architecture.py.

import { describe, expect, it } from "vitest";

/** The text of each file, by its path below js/. */
const TEXTS = new Map(
  Object.entries(
    import.meta.glob<string>(["../**/*.ts", "!../tests/**"], {
      query: "?raw",
      import: "default",
      eager: true,
    }),
  ).map(([path, text]) => [path.replace("../", ""), text]),
);

// Who may import whom: a file may import a room only if it stands here.
const MAY_IMPORT: Record<string, readonly string[]> = {
  index: ["view", "state"],
  report: ["frame"],
  view: ["surface", "ui", "tools", "layers", "state", "frame", "contract", "host"],
  surface: ["ui", "tools", "layers", "state", "frame", "contract", "host"],
  ui: ["tools", "state", "frame", "contract", "host"],
  tools: ["state", "frame", "contract", "host"],
  layers: ["state", "frame", "contract", "host"],
  state: ["frame", "contract", "host"],
  frame: ["contract"],
  host: [],
  contract: [],
};

function roomOf(path: string): string {
  return path.split("/").length > 1 ? (path.split("/")[0] ?? "") : path.replace(/\.ts$/, "");
}

/** The rooms that a file imports, for types only included. */
function importsOf(path: string): string[] {
  const found = (TEXTS.get(path) ?? "").matchAll(/\b(?:from|import)\s*\(?\s*"([^"]+)"/g);
  return [...found].map(([, target = ""]) => {
    expect(target, `${path} imports a package`).toMatch(/^\.\.?\//);
    return roomOf(new URL(target, `js:/${path}`).pathname.slice(1));
  });
}

describe("the tree", () => {
  const files = [...TEXTS.keys()];

  it("has the rooms of the table and no others", () => {
    expect(new Set(files.map(roomOf))).toEqual(new Set(Object.keys(MAY_IMPORT)));
  });

  it.each(files)("%s imports only what is below it", (path) => {
    const room = roomOf(path);
    const allowed = new Set([room, ...(MAY_IMPORT[room] ?? [])]);
    expect(importsOf(path).filter((target) => !allowed.has(target))).toEqual([]);
  });

  it("has no file of more than 450 lines", () => {
    const long = [...TEXTS].filter(([, text]) => text.split("\n").length > 450);
    const generated = "contract/protocol.ts";
    expect(long.map(([path]) => path).filter((path) => path !== generated)).toEqual([]);
  });
});
