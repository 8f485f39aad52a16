import { closeSync, fstatSync, openSync, readSync } from "node:fs";

/** The numbers with which a database begins, by the byte order of the machine that has written it. */
const MARKS = [word(0xdec0efbe), word(0xbeefc0de)];
/** Where these numbers stand in a page, by the version of lmdb. */
const PLACES: readonly number[] = [16, 24];
/** The smallest page. */
const PAGE = 4096;

/**
 * Refuses a file on which lmdb would end the process: one that is no database, or one that was cut short, as by a copy
 * that was interrupted. lmdb reads the file as memory, and memory beyond the end of the file is no error that JavaScript
 * could catch.
 * @throws if the file is there and is no whole database
 */
export function refuseDamaged(file: string): void {
  const opened = openIfThere(file);
  if (opened === undefined) return;
  try {
    const length = lengthOf(opened);
    // The length is asked last, because other processes may write: they write pages before they count them.
    const size = fstatSync(opened).size;
    if (length === undefined && size > 0) {
      throw new Error(`${file} is no LMDB database, or a damaged one`);
    }
    if (length !== undefined && size < length) {
      throw new Error(
        `${file} was cut short: it has ${size} of its ${length} bytes. Copy it again, or delete the folder, which signs everybody out`,
      );
    }
  } finally {
    closeSync(opened);
  }
}

function openIfThere(file: string): number | undefined {
  try {
    return openSync(file, "r");
  } catch (error) {
    if ((error as { code?: unknown }).code === "ENOENT") return undefined;
    throw error;
  }
}

/** Gives how long the file must be, as its newer state says; `undefined` if it is no database. */
function lengthOf(opened: number): number | undefined {
  const bytes = Buffer.alloc(2 * PAGE);
  if (readSync(opened, bytes, 0, bytes.length, 0) < bytes.length) return undefined;
  const first = stateOf(bytes);
  if (!first) return undefined;
  readSync(opened, bytes, 0, PAGE, first.page);
  // Two states take turns. Of a state that is not whole, lmdb uses the other one.
  const second = stateOf(bytes);
  const { last, page } = second && second.transaction > first.transaction ? second : first;
  return (last + 1) * page;
}

interface State {
  /** The bytes of a page. */
  readonly page: number;
  /** The number of the last page. */
  readonly last: number;
  readonly transaction: bigint;
}

/** Reads the page with which a state of the database begins. */
function stateOf(bytes: Buffer): State | undefined {
  const at = MARKS.map((mark) => bytes.subarray(0, 64).indexOf(mark)).find((place) =>
    PLACES.includes(place),
  );
  if (at === undefined) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + at);
  // A database has the byte order of its machine, and no other machine opens it.
  const isLittle = bytes[at] === 0xde;
  return {
    page: view.getUint32(24, isLittle),
    last: Number(view.getBigUint64(120, isLittle)),
    transaction: view.getBigUint64(128, isLittle),
  };
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
