// The formats that a description names: only those that are used, each under one name.

interface Described {
  readonly components?: { readonly schemas?: object };
  readonly paths?: object;
}

const PREFIX = '#/components/schemas/';
/** What clients parse by, though no route answers with it: the data of events. */
const ALSO = /Event$/;

/**
 * Every format has two forms, for what is sent (`JobInput`) and for what is answered (`Job`). Leaves those that are used, and
 * gives one that is only sent the plain name.
 */
export function withUsedFormats<T extends Described>(document: T): T {
  const all = (document.components?.schemas ?? {}) as Readonly<Record<string, unknown>>;
  const used = new Set<string>();
  const use = (name: string): void => {
    if (used.has(name)) return;
    used.add(name);
    for (const next of namesIn(all[name])) use(next);
  };
  for (const name of namesIn(document.paths)) use(name);
  for (const name of Object.keys(all)) if (ALSO.test(name)) use(name);
  const rename = (name: string): string => {
    const plain = name.replace(/Input$/, '');
    return used.has(plain) ? name : plain;
  };
  const kept = Object.keys(all).filter((name) => used.has(name));
  const schemas = Object.fromEntries(kept.map((name) => [rename(name), all[name]]));
  const whole = { ...document, components: { ...document.components, schemas } };
  return JSON.parse(JSON.stringify(whole), (key, value: unknown) =>
    key === '$ref' && isName(value) ? PREFIX + rename(value.slice(PREFIX.length)) : value,
  ) as T;
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.startsWith(PREFIX);
}

function namesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) =>
    key === '$ref' && isName(item) ? [item.slice(PREFIX.length)] : namesIn(item),
  );
}
