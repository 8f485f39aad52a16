/** Which errors of a store of express-session mean that it has nothing. Stores of files give them. */

interface SystemError {
  readonly code?: unknown;
  readonly syscall?: unknown;
}

/** Whether there is no row. A socket of a server that is away says the same, and then nothing is known of the row. */
export function isNoRow(error: unknown): boolean {
  const { code, syscall } = error as SystemError;
  return code === "ENOENT" && syscall !== "connect";
}

/** Whether a file is not there that was to be removed: any other call may have failed before it came to the row. */
export function isNoFile(error: unknown): boolean {
  const { syscall } = error as SystemError;
  return isNoRow(error) && ["unlink", "rm", "open"].includes(String(syscall));
}
