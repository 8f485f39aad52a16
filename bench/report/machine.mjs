/** @param {import("../results.mjs").Machine} machine */
export function machineText({ date, node, cpu, cores, memory, pinned }) {
  const where = pinned
    ? "Server on one core, load on another."
    : "Server and load share the cores (taskset is missing): the figures by the clock say little.";
  return `${date}, Node ${node}, ${cpu}, ${cores} cores, ${memory} GiB. ${where}`;
}
