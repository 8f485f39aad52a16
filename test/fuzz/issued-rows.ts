/** Cookies as the table store issues them, of bytes that a seed decides, and their rows in a table. */
import { HANDLE_BYTES, PAIR_BYTES, handleOf } from "../../src/crypto/token.ts";
import type { MemoryTable } from "../../src/tables/memory/memory-table.ts";
import { toSessionRow } from "../../src/stores/table/row.ts";
import type { Row } from "../../src/stores/table/row.ts";
import { LIVE, NOW, OVER, recordOf } from "./issued.ts";
import type { Cookies, Issued } from "./issued.ts";
import type { Random } from "./random.ts";
import { plainForm } from "./row-forms.ts";
import type { RowForm } from "./row-forms.ts";

/**
 * Puts rows into the table, and gives the cookies of a name that open them.
 * @param form how cookies and rows are written: without a secret, unless given
 * @param mark what tells these users from those of another form
 */
export function tableCookies(
  random: Random,
  table: MemoryTable,
  name: string,
  form: RowForm = plainForm(name),
  mark = name,
): Cookies {
  const issued: Issued[] = [];
  const issue = (value: string, user: string | undefined, rank: number, over = false): void => {
    issued.push({ value, handle: handleOf(bytesOf(value)), user, rank, over });
  };
  /** A cookie of a session of its own, or of the same session as another. */
  const cookie = (other?: string): string => {
    const handle = other === undefined ? random.bytes(HANDLE_BYTES) : bytesOf(other);
    const token = random.bytes(PAIR_BYTES - HANDLE_BYTES);
    return form.issue(Buffer.concat([handle.subarray(0, HANDLE_BYTES), token])).cookie;
  };
  const digestOf = (value: string): string =>
    form.issue(bytesOf(value).subarray(0, PAIR_BYTES)).digest;
  const insert = (value: string, row: Omit<Row, "digest">, format = "2"): void => {
    const written = toSessionRow({ ...row, digest: digestOf(value) });
    const handle = handleOf(bytesOf(value));
    const text = format + written.value.slice(1);
    table.insert(handle, { ...written, value: form.seal(handle, text) });
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
    const [value, user] = [cookie(), `number ${issued.length} of ${mark}`];
    insert(value, { record: recordOf(user, times) });
    issue(value, user, 1, OVER.includes(times));
  }

  const until = NOW + 1;
  const { data } = recordOf(`ann of ${mark}, before`, LIVE);
  const reads = insertTwo(`ann of ${mark}`, (digest) => ({
    retired: { digests: [digest], until, data },
  }));
  issue(reads, `ann of ${mark}, before`, 0);
  const readsNothing = insertTwo(`bob of ${mark}`, (digest) => ({
    retired: { digests: [digest], until },
  }));
  issue(readsNothing, undefined, 0);
  const former = insertTwo(`cleo of ${mark}`, (digest) => ({
    retired: { digests: [digest], until, full: true },
  }));
  issue(former, `cleo of ${mark}`, 1);
  const next = insertTwo(`dan of ${mark}`, (digest) => ({
    next: { digests: [digest], issuedAt: NOW },
  }));
  issue(next, `dan of ${mark}`, 1);
  const retired = insertTwo(`eve of ${mark}`, (digest) => ({
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
