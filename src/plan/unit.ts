/** A file or folder that a unit reads. Data sets, and what other units make, have no hash. */
export interface Input {
  readonly path: string;
  /** Of its bytes, in hexadecimal. */
  readonly sha256?: string | undefined;
}

/** What a verb is asked, as JSON. */
export type UnitRequest = Readonly<Record<string, unknown>>;

/** How a unit that was interrupted goes on. */
export interface Resume {
  /** It can if a file with this ending is in this folder; else it begins anew. */
  readonly folder: string;
  readonly ending: string;
  /** What its verb is asked then. */
  readonly request: UnitRequest;
}

/** Where a unit says how far it is: JSON lines, each of which may have `iteration` and `loss`. */
export interface ProgressFile {
  readonly file: string;
  readonly iterations: number;
}

/** A piece of work that stands for itself: one request. Paths are absolute or start from the plan's folder. */
export interface Unit {
  /** SHA-256 of all that determines the result, in hexadecimal. */
  readonly id: string;
  /** For people: `age_finetuning_googlenet/fold-0/train`. */
  readonly name: string;
  /** For people: `train`, `import`, `evaluate`. */
  readonly kind: string;
  /** The unit's own: its lock, its markers, its log and all that it makes. */
  readonly folder: string;
  /** What does it, by its name in limn/verbs or limn/node. */
  readonly verb: string;
  /** What it is asked. */
  readonly request: UnitRequest;
  readonly resume?: Resume | undefined;
  readonly inputs: readonly Input[];
  /** Files that are there, whole, once the unit is done. */
  readonly outputs: readonly string[];
  /** Ids of the units that must be done first. */
  readonly needs: readonly string[];
  readonly progress?: ProgressFile | undefined;
}

/** Units, each after those that it needs. */
export interface Plan {
  /** limn's version that made it. */
  readonly limn: string;
  readonly units: readonly Unit[];
}

/** An id, short enough for names and tables. */
export const shortId = (id: string): string => id.slice(0, 12);
