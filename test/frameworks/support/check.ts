/** One check of an application that is served, and what it works with. */
import type { BrowserContext } from "playwright-core";
import type { Framework } from "../frameworks.ts";
import type { Visitor } from "./visitor.ts";

export type Store = "table" | "sealed";

export const BOTH = ["table", "sealed"] as const;
export const TABLE = ["table"] as const;
export const SEALED = ["sealed"] as const;

export interface Given {
  readonly framework: Framework;
  readonly store: Store;
  /** Such as `http://localhost:41234`. */
  readonly url: string;
  readonly visitor: Visitor;
  /** A window of Chromium with cookies of its own; `undefined` where the machine has no Chromium. */
  readonly browser: () => Promise<BrowserContext | undefined>;
}

export interface Check {
  readonly title: string;
  readonly stores: readonly Store[];
  readonly run: (given: Given) => Promise<void>;
}
