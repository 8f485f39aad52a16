/** Cookies as the table store issues them, of bytes that a seed decides, and their rows in a table. */
import { HANDLE_BYTES } from "../../src/crypto/token.ts";
import { readToken } from "../support/read-token.ts";
import type { PresentedToken } from "../../src/crypto/token.ts";
import type { MemoryTable } from "../../src/tables/memory/memory-table.ts";
import { toSessionRow } from "../../src/stores/table/row.ts";
import type { Row } from "../../src/stores/table/row.ts";
import { LIVE, NOW, OVER, recordOf } from "./issued.ts";
import type { Cookies, Issued } from "./issued.ts";
import type { Random } from "./random.ts";

const TOKEN_BYTES = 32;

/** Puts rows into the table, and gives the cookies of a name that open them. */
export function tableCookies(random: Random, table: MemoryTable, name: string): Cookies {
  const issued: Issued[] = [];
  const issue = (value: string, user: string | undefined, rank: number, over = false): void => {
    issued.push({ value, handle: credentialOf(name, value).handle, user, rank, over });
  };
  /** A cookie of a session of its own, or of the same session as another. */
  const cookie = (other?: string): string => {
    const handle = other === undefined ? random.bytes(HANDLE_BYTES) : bytesOf(other);
    const token = random.bytes(TOKEN_BYTES);
    return Buffer.concat([handle.subarray(0, HANDLE_BYTES), token]).toString("base64url");
  };
  const digestOf = (value: string): string => credentialOf(name, value).digest;
  const insert = (value: string, row: Omit<Row, "digest">, format = "2"): void => {
    const written = toSessionRow({ ...row, digest: digestOf(value) });
    const { handle } = credentialOf(name, value);
    table.insert(handle, { ...written, value: format + written.value.slice(1) });
  };
  /** A session that knows two tokens, the second of which is its own. Gives the first one's cookie. */
  const insertTwo = (user: string, other: (digest: string) => Partial<Row>): string => {
    const first = cookie();
    const second = cookie(first);
    insert(second, { record: recordOf(user, LIVE), ...other(digestOf(first)) });
    issue(second, user, 1);
    return first;
  };

  for (const times of [LIVE, LIVE, ...OVER]) {
    const [value, user] = [cookie(), `number ${issued.length} of ${name}`];
    insert(value, { record: recordOf(user, times) });
    issue(value, user, 1, OVER.includes(times));
  }

  const until = NOW + 1;
  const { data } = recordOf(`ann of ${name}, before`, LIVE);
  const reads = insertTwo("ann", (digest) => ({ retired: { digests: [digest], until, data } }));
  issue(reads, `ann of ${name}, before`, 0);
  const readsNothing = insertTwo("bob", (digest) => ({ retired: { digests: [digest], until } }));
  issue(readsNothing, undefined, 0);
  const former = insertTwo("cleo", (digest) => ({
    retired: { digests: [digest], until, full: true },
  }));
  issue(former, "cleo", 1);
  const next = insertTwo("dan", (digest) => ({ next: { digests: [digest], issuedAt: NOW } }));
  issue(next, "dan", 1);
  const retired = insertTwo("eve", (digest) => ({
    retired: { digests: [digest], until: NOW, data },
  }));

  const foreign = cookie();
  insert(foreign, { record: recordOf("nobody", LIVE) }, "3");
  const others = [retired, foreign, cookie()];
  return { name, issued, values: [...issued.map(({ value }) => value), ...others] };
}

function bytesOf(value: string): Buffer {
  return Buffer.from(value, "base64url");
}

function credentialOf(name: string, value: string): PresentedToken {
  const credential = readToken(name, value);
  if (!credential) throw new Error("this is not how a table's cookie looks");
  return credential;
}
