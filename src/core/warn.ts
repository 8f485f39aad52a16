const told = new Set<string>();

/** Tells the developer, once per process: what stands on a console is seen where an event has no listener. */
export function warnOnce(code: string, text: string): void {
  if (told.has(code)) return;
  told.add(code);
  // workerd has no such method in its older versions.
  const { emitWarning } = process as Partial<typeof process>;
  emitWarning?.call(process, text, { code });
}

/** For a process in which the warning would be wrong. */
export function withhold(code: string): void {
  told.add(code);
}
