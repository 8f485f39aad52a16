/** Hears what would end the process, and its warnings, until it is stopped. */
export function watchProcess(tell: (text: string) => void): { readonly stop: () => void } {
  const names = ["uncaughtException", "unhandledRejection", "warning"] as const;
  const heard = names.map((name) => {
    const hear = (error: unknown): void =>
      tell(`${name}: ${error instanceof Error ? `${error.name} ${error.message}` : String(error)}`);
    const before = process.rawListeners(name);
    process.removeAllListeners(name);
    process.on(name as "warning", hear);
    return { name, before };
  });
  return {
    stop() {
      for (const { name, before } of heard) {
        process.removeAllListeners(name);
        for (const listener of before) process.on(name as "warning", listener as () => void);
      }
    },
  };
}
