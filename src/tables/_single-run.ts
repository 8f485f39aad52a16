/** A task of which one runs at a time: whoever asks meanwhile waits for the same. */
export function singleRun<Args extends readonly unknown[], T>(
  task: (...args: Args) => Promise<T>,
): (...args: Args) => Promise<T> {
  let running: Promise<T> | undefined;
  return (...args) => {
    running ??= task(...args).finally(() => {
      running = undefined;
    });
    return running;
  };
}
