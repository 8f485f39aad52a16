import type { SessionRow } from "../../core/store.ts";
import type { RowSeal } from "../table-access/row-seal.ts";
import { LONGEST_ROW, readRow, toSessionRow } from "./row.ts";
import type { Row } from "./row.ts";

/** Rows of sessions as the table holds them: their text, sealed if there is a secret. */
export class RowCodec {
  readonly seal: RowSeal;
  readonly #longest: number;

  /** @param longest bytes of the longest value that the table takes */
  constructor(seal: RowSeal, longest: number = LONGEST_ROW) {
    this.seal = seal;
    this.#longest = Math.min(longest, LONGEST_ROW);
  }

  /** @throws ERR_SESSION_NOT_SERIALIZABLE if what would stand in the table is too long */
  write(handle: string, row: Row, subject: string | undefined): SessionRow {
    return toSessionRow(row, subject, (text) => this.seal.seal(handle, text), this.#longest);
  }

  /** Gives `undefined` if no secret of ours has sealed the row for this handle, or its format is unknown. */
  read(handle: string, { value, expiresAt }: SessionRow): Row | undefined {
    const text = this.seal.open(handle, value);
    return text === undefined ? undefined : readRow(text, expiresAt);
  }
}
