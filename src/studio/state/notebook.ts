import { signal } from '@preact/signals';
import { createStore, get, set, type UseStore } from 'idb-keyval';
import { fail } from '../../common/error.ts';
import { fullAddress } from './view.ts';

/** Something that was seen, kept with what a person says of it. */
export interface PinnedFinding {
  readonly id: string;
  /** ISO 8601. */
  readonly date: string;
  readonly title: string;
  readonly comment: string;
  /** The part of the page's address behind `#` that shows it again. */
  readonly address: string;
  /** Numbers, names and hashes. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  /** PNG as `data:` URLs: what the network saw, and the heatmap or chart. */
  readonly pictures: readonly { readonly source: string; readonly alt: string }[];
  /** The command that makes the same, where it is one. */
  readonly command?: string;
  readonly program?: string;
}

/** The format of a notebook, as its file says it. */
export const NOTEBOOK_FORMAT = 'limn notebook 1';

/** All findings that are pinned, the first one first. */
export const pinned = signal<readonly PinnedFinding[]>([]);

let opened: UseStore | undefined;

function store(): UseStore {
  opened ??= createStore('limn-studio-notebook', 'findings');
  return opened;
}

/** Takes up what was pinned before, in this browser. */
export async function openNotebook(): Promise<void> {
  const kept = await get<readonly PinnedFinding[]>('all', store()).catch(() => undefined);
  if (kept) pinned.value = [...kept, ...pinned.value];
}

/** Changes what is pinned, and keeps it in this browser. */
export function keepFindings(next: readonly PinnedFinding[]): void {
  pinned.value = next;
  // A browser that keeps nothing still shows them.
  void set('all', next, store()).catch(() => undefined);
}

/** Pins what the page shows now. */
export const pinFinding = (seen: Omit<PinnedFinding, 'id' | 'date' | 'address' | 'comment'>): void =>
  keepFindings([
    ...pinned.value,
    { ...seen, id: crypto.randomUUID(), date: new Date().toISOString(), address: fullAddress(), comment: '' },
  ]);

export const changeFinding = (id: string, change: Partial<PinnedFinding>): void =>
  keepFindings(pinned.value.map((each) => (each.id === id ? { ...each, ...change } : each)));

/** Findings of a file that anybody may have written. Errors name `file`: it holds no notebook, or a damaged one. */
export function takeFindings(given: unknown, file: string): PinnedFinding[] {
  const { format, findings } = (given ?? {}) as { readonly format?: unknown; readonly findings?: unknown };
  if (format !== NOTEBOOK_FORMAT || !Array.isArray(findings)) {
    fail(file, 'no notebook of limn studio', 'give one that was exported there');
  }
  return findings.map((each, i) => takeFinding(each, `${file}, finding ${i + 1}`));
}

function takeFinding(given: unknown, where: string): PinnedFinding {
  const fields = (given ?? {}) as Readonly<Record<string, unknown>>;
  const text = (name: string): string => {
    const value = fields[name];
    return typeof value === 'string'
      ? value
      : fail(where, `'${name}' is no text`, 'export the notebook again');
  };
  const list = (name: string): readonly unknown[] => {
    const value = fields[name];
    return Array.isArray(value) ? value : fail(where, `'${name}' is no list`, 'export the notebook again');
  };
  return {
    id: text('id'),
    date: text('date'),
    title: text('title'),
    comment: text('comment'),
    address: text('address'),
    ...(fields.command !== undefined && { command: text('command') }),
    ...(fields.program !== undefined && { program: text('program') }),
    facts: list('facts').map((fact) => {
      const [name, value] = Array.isArray(fact) ? fact : [];
      return [String(name), String(value)] as const;
    }),
    pictures: list('pictures').map((picture) => {
      const { source, alt } = (picture ?? {}) as Readonly<Record<string, unknown>>;
      // Nothing else than pixels: a report shows them where scripts may run.
      if (typeof source !== 'string' || !/^data:image\/png;base64,[A-Za-z0-9+/=]*$/.test(source))
        fail(where, 'a picture is no PNG', 'export the notebook again');
      return { source, alt: String(alt) };
    }),
  };
}
