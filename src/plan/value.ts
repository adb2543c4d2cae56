/** A path in a request: what it counts for in the unit's id, and what stands in the plan. */
export class PlannedPath {
  /** `inUnit` takes the unit's folder, which its id is part of. */
  constructor(
    readonly identity: string,
    readonly inUnit: (folder: string) => string,
  ) {}
}

/** A path that does not depend on the unit. A file counts by what is in it, not by where it lies. */
export const fixedPath = (path: string, identity: string): PlannedPath =>
  new PlannedPath(identity, () => path);

/** A path in the unit's own folder. */
export const inFolder = (path: string): PlannedPath =>
  new PlannedPath(`./${path}`, (folder) => `${folder}/${path}`);

/** A request whose paths are {@link PlannedPath}s, at any depth. */
export type DraftRequest = Readonly<Record<string, unknown>>;

/** The request as it stands in the plan. */
export const requestIn = (request: DraftRequest, folder: string): DraftRequest =>
  mapped(request, (path) => path.inUnit(folder)) as DraftRequest;

/** What a request counts for in the unit's id, without the fields that change nothing of the result. */
export const countedIn = (request: DraftRequest, uncounted: readonly string[]): unknown =>
  mapped(
    Object.fromEntries(Object.entries(request).filter(([name]) => !uncounted.includes(name))),
    ({ identity }) => identity,
  );

function mapped(value: unknown, pathOf: (path: PlannedPath) => string): unknown {
  if (value instanceof PlannedPath) return pathOf(value);
  if (Array.isArray(value)) return value.map((each) => mapped(each, pathOf));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, each]) =>
      each === undefined ? [] : [[name, mapped(each, pathOf)] as const],
    ),
  );
}
