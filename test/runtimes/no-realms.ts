/**
 * Stands in for `node:vm` in workerd, which has no second realm: values that would come from one are missing, and
 * the tests of them are left out.
 */
const vm = { runInNewContext: (): undefined => undefined };
// oxlint-disable-next-line import/no-default-export -- as node:vm has it
export default vm;
