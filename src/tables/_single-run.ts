/** Makes a task of which one runs at a time. A caller that comes meanwhile waits for the same run. */
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
