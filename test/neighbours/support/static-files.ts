/** The files of `serveStatic` of h3, which takes where they are from its caller. */
import { readFile, stat } from "node:fs/promises";

const folder = new URL("../files/", import.meta.url);

/** Gives `undefined` for what is no file. */
async function fileOf(
  id: string,
): Promise<{ readonly size: number; readonly url: URL } | undefined> {
  const url = new URL(`.${id}`, folder);
  const found = await stat(url).catch(() => undefined);
  return found?.isFile() ? { size: found.size, url } : undefined;
}

export const staticFiles = {
  async getMeta(id: string) {
    const file = await fileOf(id);
    return file && { size: file.size, type: "text/plain", etag: '"a file"' };
  },
  async getContents(id: string) {
    const file = await fileOf(id);
    return file && (await readFile(file.url));
  },
};
