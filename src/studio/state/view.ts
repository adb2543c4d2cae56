import { effect, type Signal, signal } from '@preact/signals';
import { methodNames } from '../../attribution/method.ts';
import { firstVisit } from './firstvisit.ts';
import type { Column } from './request.ts';

/* What the page shows. All of it stands in the page's address: it survives a reload, and a link brings it back. */

export const rooms = [
  'explain',
  'change',
  'network',
  'models',
  'results',
  'clusters',
  'training',
  'notebook',
  'teach',
] as const;
export type Room = (typeof rooms)[number];

/** How maps become pictures. */
export interface DrawingSettings {
  readonly colors: string;
  /** Each map by its own largest values, or one scale for a column's, or for all that stand side by side. */
  readonly scale: 'own' | 'column' | 'shared';
  /** The colours end at this percentile of |relevance|. */
  readonly percentile: number;
  readonly pooling: 'sum' | 'mean' | 'norm';
  /** How much the heatmap covers the photo, 0 to 1. */
  readonly opacity: number;
}

export interface ExplainView {
  readonly photos: readonly string[];
  readonly columns: readonly Column[];
  /** The photo and the column that are shown large. */
  readonly photo: number;
  readonly column: number;
  readonly drawing: DrawingSettings;
}

export const firstDrawing: DrawingSettings = {
  colors: 'black-firered',
  scale: 'own',
  percentile: 99.5,
  pooling: 'sum',
  opacity: 0.85,
};

export const firstView: ExplainView = {
  photos: [firstVisit.photo],
  columns: [{ model: firstVisit.model, target: 'predicted', method: 'lrp', parameters: {} }],
  photo: 0,
  column: 0,
  drawing: firstDrawing,
};

export const room = signal<Room>('explain');
export const view = signal<ExplainView>(firstView);

/** The column that is shown large. */
export const activeColumn = (): Column => view.value.columns[view.value.column] ?? firstView.columns[0];
export const activePhoto = (): string | undefined => view.value.photos[view.value.photo];

/** Changes what is shown. */
export function show(change: Partial<ExplainView>): void {
  const next = { ...view.value, ...change };
  const within = (index: number, list: readonly unknown[]) => Math.max(0, Math.min(index, list.length - 1));
  view.value = {
    ...next,
    photo: within(next.photo, next.photos),
    column: within(next.column, next.columns),
  };
}

/** Changes the column that is shown large. */
export function showColumn(change: Partial<Column>): void {
  const { columns, column } = view.value;
  show({ columns: columns.map((each, i) => (i === column ? { ...each, ...change } : each)) });
}

/** Another model in the column that is shown large: its outputs and classes are others. */
export function showModel(model: string): void {
  const { columns, column } = view.value;
  const { head: _, ...rest } = activeColumn();
  show({
    columns: columns.map((each, i) => (i === column ? { ...rest, model, target: 'predicted' } : each)),
  });
}

export const showDrawing = (change: Partial<DrawingSettings>): void =>
  show({ drawing: { ...view.value.drawing, ...change } });

/** The address's part behind `#` that brings a view back. */
export function addressOf(at: Room, { photos, columns, photo, column, drawing }: ExplainView): string {
  const fields = new URLSearchParams();
  for (const each of photos) fields.append('photo', each);
  for (const { parameters, ...each } of columns) {
    fields.append('column', new URLSearchParams({ ...each, ...stringsOf(parameters) }).toString());
  }
  if (photo > 0 || column > 0) fields.set('at', `${photo},${column}`);
  for (const [name, value] of Object.entries(drawing)) {
    if (value !== firstDrawing[name as keyof DrawingSettings]) fields.set(name, String(value));
  }
  return `${at}?${fields}`;
}

const stringsOf = (fields: Column['parameters']): Record<string, string> =>
  Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, String(value)]));

/** The view that an address says; what it does not say, or says wrongly, is as on the first visit. */
export function viewOfAddress(address: string): { readonly room: Room; readonly view: ExplainView } {
  const [name, query = ''] = address.replace(/^#/, '').split('?');
  const fields = new URLSearchParams(query);
  const columns = fields.getAll('column').flatMap((text) => columnOf(new URLSearchParams(text)));
  const [photo, column] = (fields.get('at') ?? '0,0').split(',').map(Number);
  const drawing = Object.fromEntries(
    Object.entries(firstDrawing).map(([key, value]) => {
      const said = fields.get(key);
      return [key, said === null ? value : typeof value === 'number' ? Number(said) || 0 : said];
    }),
  );
  return {
    room: rooms.find((each) => each === name) ?? 'explain',
    view: {
      photos: fields.has('photo') ? fields.getAll('photo') : firstView.photos,
      columns: columns.length > 0 ? columns : firstView.columns,
      photo: photo || 0,
      column: column || 0,
      drawing: drawing as unknown as DrawingSettings,
    },
  };
}

function columnOf(fields: URLSearchParams): Column[] {
  const { model, target = 'predicted', head, method: named, ...rest } = Object.fromEntries(fields);
  const method = methodNames.find((each) => each === named);
  if (model === undefined || method === undefined) return [];
  const parameters = Object.fromEntries(
    Object.entries(rest).map(([name, text]) => [
      name,
      text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text,
    ]),
  );
  return [{ model, target, method, parameters, ...(head !== undefined && { head }) }];
}

/** A room's own state that stands in the address, too. */
interface Placed {
  readonly name: string;
  readonly state: Signal<unknown>;
  readonly initial: unknown;
  take(given: unknown): unknown;
}

const placed: Placed[] = [];

/**
 * A room's own state, plain data that is ready for JSON: it stands in the address by `name` as long as it is not as on the first
 * visit. `take` makes a state of what an address says, which anybody may have written.
 */
export function placedState<State>(
  name: string,
  initial: State,
  take: (given: Readonly<Record<string, unknown>>) => State,
): Signal<State> {
  const state = signal(initial);
  const given = (value: unknown) =>
    typeof value === 'object' && value !== null ? take(value as Record<string, unknown>) : initial;
  placed.push({ name, state: state as Signal<unknown>, initial, take: given });
  return state;
}

/** The address of everything that is shown. */
export function fullAddress(): string {
  const fields = new URLSearchParams();
  for (const { name, state, initial } of placed) {
    const text = JSON.stringify(state.value);
    if (text !== JSON.stringify(initial)) fields.set(name, text);
  }
  const own = addressOf(room.value, view.value);
  return fields.size > 0 ? `${own}&${fields}` : own;
}

function takePlaced(address: string): void {
  const fields = new URLSearchParams(address.replace(/^[^?]*\??/, ''));
  for (const { name, state, initial, take } of placed) {
    const next = take(parsedJson(fields.get(name))) ?? initial;
    if (JSON.stringify(next) !== JSON.stringify(state.value)) state.value = next;
  }
}

function parsedJson(text: string | null): unknown {
  try {
    return text === null ? undefined : JSON.parse(text);
  } catch {
    return undefined;
  }
}

const lastKey = 'limn-studio-view';

/** Takes what is shown from the address, else from the last visit, and keeps both up to date from then on. */
export function followAddress(): void {
  const read = () => {
    const said = location.hash.length > 1 ? location.hash : (localStorage.getItem(lastKey) ?? '');
    const next = viewOfAddress(said);
    room.value = next.room;
    show(next.view);
    takePlaced(said);
  };
  read();
  addEventListener('hashchange', () => {
    if (location.hash.slice(1) !== fullAddress()) read();
  });
  effect(() => {
    const address = fullAddress();
    history.replaceState(null, '', `#${address}`);
    localStorage.setItem(lastKey, address);
  });
}
