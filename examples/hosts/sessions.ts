import { createSessions, createTable, tableStore } from "sojourn";

/** One session for all the hosts beside this file: how often somebody was here. */
export const sessions = createSessions<{ visits: number }>({
  store: tableStore({ table: createTable() }),
  key: "__Host-visits",
});

export const port = Number(process.env["PORT"] ?? 3000);

export function say(host: string, at: number): void {
  console.log(`${host} on http://localhost:${at}`);
}

declare module "sojourn" {
  interface Register {
    session: typeof sessions;
  }
}
