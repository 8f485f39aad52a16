/**
 * Makes V8 keep an object's properties in a hash table. Express changes the prototype of each request and response, and
 * from then on V8 copies the whole hidden class of the object for each property that anybody adds to it. An object from
 * which a property was deleted has a hash table instead, to which the next ones cost little.
 * @param name a property that the object has of its own; it stays as it is
 */
export function keepInHashTable<T extends object>(object: T, name: keyof T): void {
  if (!Object.hasOwn(object, name)) return;
  const value = object[name];
  Reflect.deleteProperty(object, name);
  object[name] = value;
}
