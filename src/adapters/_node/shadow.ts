/** Puts properties on an object, and gives what puts back those that it had of its own. */
export function shadow(object: object, properties: PropertyDescriptorMap): () => void {
  const names = Object.keys(properties);
  const before = names.map((name) => Object.getOwnPropertyDescriptor(object, name));
  for (const name of names) {
    Object.defineProperty(object, name, { ...properties[name], configurable: true });
  }
  return () => {
    for (const [at, name] of names.entries()) {
      const own = before[at];
      if (own) Object.defineProperty(object, name, own);
      else Reflect.deleteProperty(object, name);
    }
  };
}
