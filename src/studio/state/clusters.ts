import { placedState } from './view.ts';

/** Photos that are chosen: a group of a column, or those within a line that was drawn in a view. */
export type PhotoChoice =
  | { readonly column: string; readonly value: string }
  /** Corners in turn, x and y from 0 to 1 within the view. */
  | { readonly view: string; readonly around: readonly number[] };

/** What the room of clusters and concepts shows. */
export interface ClustersView {
  /** The folder of what is shown; the first there is unless said. */
  readonly of?: string;
  /** The class whose photos lie in the view; the first there is unless said. */
  readonly class?: string;
  readonly view?: string;
  /** The column that colours tell apart. */
  readonly colour: string;
  /** The photos of the class that are looked at: all of these; none is all. */
  readonly chosen: readonly PhotoChoice[];
  /** The photo that is shown large. */
  readonly photo?: string;
  /** Whether thumbnails are heatmaps. */
  readonly heatmaps: boolean;
  /** Of concepts: the layer and the channel. */
  readonly layer?: string;
  readonly channel?: number;
}

const firstClusters: ClustersView = { colour: 'cluster', chosen: [], heatmaps: false };

/** In the address, too. */
export const clustersView = placedState<ClustersView>('clusters', firstClusters, (given) => {
  const text = (name: string) => typeof given[name] === 'string' && { [name]: given[name] };
  return {
    ...text('of'),
    ...text('class'),
    ...text('view'),
    colour: typeof given.colour === 'string' ? given.colour : firstClusters.colour,
    chosen: Array.isArray(given.chosen) ? given.chosen.flatMap(takeChosen) : [],
    ...text('photo'),
    heatmaps: given.heatmaps === true,
    ...text('layer'),
    ...(Number.isSafeInteger(given.channel) && { channel: given.channel as number }),
  };
});

function takeChosen(given: unknown): PhotoChoice[] {
  const { column, value, view, around } = (given ?? {}) as Readonly<Record<string, unknown>>;
  if (typeof column === 'string' && typeof value === 'string') return [{ column, value }];
  const corners = Array.isArray(around) && around.every((each) => Number.isFinite(each));
  return typeof view === 'string' && corners ? [{ view, around }] : [];
}

export const showClusters = (change: Partial<ClustersView>): void => {
  clustersView.value = { ...clustersView.value, ...change };
};

/** Something else: what was chosen of the one before says nothing of it. */
export const openClusters = (of: string): void => {
  const { heatmaps } = clustersView.value;
  clustersView.value = { ...firstClusters, of, heatmaps };
};

/** Photos of another class lie elsewhere. */
export function showClass(name: string): void {
  const { photo: _, ...rest } = clustersView.value;
  clustersView.value = { ...rest, class: name, chosen: [] };
}
