import { toBase64 } from '../../common/base64.ts';
import { percent, plural } from '../../common/format.ts';
import { version } from '../../common/version.ts';
import { type ConceptEdge, type ConceptReport, meanOfChannel } from '../../concepts/index.ts';
import { type Image, layoutSvg, PIXELS_PER_UNIT, resizeImage } from '../../image/index.ts';
import {
  type ConceptGraph,
  type ConceptRow,
  type ConceptSheet,
  type ConceptTile,
  conceptsPage,
  layoutConceptGraph,
  layoutConcepts,
} from '../../report/index.ts';
import { type MadeConcepts, sheetNames } from './report.ts';
import type { ExplainedPhotoWork, Tile } from './shown.ts';

/** The page of a report, in its folder. */
export const PAGE_FILE = 'concepts.html';

/** A sheet with the name of its file. */
interface NamedSheet {
  readonly name: string;
  readonly sheet: ConceptSheet;
}

const footer =
  'Each channel is shown by photos of the set, cropped to where most of its relevance lies within what its strongest place sees; ' +
  `below each crop the same under its relevance, restricted to the channel and drawn smoothed over its neighbourhood. A channel is no concept until somebody has looked. Drawn by limn ${version}.`;

/** All sheets of a report. */
export function sheetsOf(made: MadeConcepts): NamedSheet[] {
  const names = sheetNames(made);
  const { work, shown } = made;
  return work.layers.flatMap(({ name: layer }) => [
    { name: names.ofLayer.get(layer)!, sheet: layerSheet(layer, made) },
    ...shown.photos.flatMap((photo, i) =>
      photo.layers.has(layer)
        ? [{ name: names.ofPhoto[i].get(layer)!, sheet: photoSheet(photo, layer, made) }]
        : [],
    ),
  ]);
}

const tilesOf = (tiles: readonly Tile[], kind: Tile['kind']): ConceptTile[] =>
  tiles.filter((tile) => tile.kind === kind);

function layerSheet(layer: string, { work, survey, shown, identity }: MadeConcepts): ConceptSheet {
  const { all } = survey.layers.find((each) => each.layer.name === layer)!;
  const tiles = shown.layers.get(layer)!;
  const channels = shown.chosen.get(layer)!;
  const { references } = work.fields;
  const means = channels.map((channel) => meanOfChannel(all.shares, channel));
  const most = Math.max(...means.map(({ mean }) => mean));
  return {
    title: `Channels of ${layer}`,
    subtitle: `${identity.model.network} · ${plural(identity.data.photos, 'photo')} · shares are means of each photo’s relevance at the layer`,
    groups: [
      { title: 'carries most relevance in', tiles: references },
      { title: 'is most active in', tiles: references },
    ],
    rows: channels.map((channel, i): ConceptRow => {
      const { mean, low, high } = means[i];
      return {
        title: `channel ${channel}`,
        share: `${percent(mean)} of relevance`,
        fraction: mean / most,
        notes: [
          ...(low === undefined || high === undefined
            ? []
            : [`${percent(low)} to ${percent(high)}`.replaceAll('-', '−')]),
          ...feeding(shown.edges, layer, channel),
        ],
        groups: [tilesOf(tiles.get(channel)!, 'relevance'), tilesOf(tiles.get(channel)!, 'activation')],
      };
    }),
    footer,
  };
}

function photoSheet(
  photo: ExplainedPhotoWork,
  layer: string,
  { work, shown, identity }: MadeConcepts,
): ConceptSheet {
  const channels = photo.layers.get(layer)!;
  const tiles = shown.layers.get(layer)!;
  const { host, fields } = work;
  const most = Math.max(...channels.map(({ share }) => share));
  return {
    title: `What speaks for ${photo.reading.about.named}, channel by channel`,
    subtitle: `${host.files.basename(photo.photo)} · ${identity.model.network}, ${layer} · references from ${plural(identity.data.photos, 'photo')}`,
    groups: [{ title: 'the channel carries most relevance in', tiles: fields.references }],
    rows: channels.map(
      ({ channel, share, whole }): ConceptRow => ({
        title: `channel ${channel}`,
        share: `${percent(share)} of relevance`,
        fraction: share / most,
        notes: feeding(photo.edges, layer, channel),
        photo: whole,
        groups: [tilesOf(tiles.get(channel)!, 'relevance')],
      }),
    ),
    footer,
  };
}

/** What feeds a channel most, for its small print. */
function feeding(edges: readonly ConceptEdge[], layer: string, channel: number): string[] {
  const own = edges.filter(({ upper }) => upper.layer === layer && upper.channel === channel);
  return own.length === 0
    ? []
    : [
        `fed by ${own[0].lower.layer}`,
        ...own.map(({ lower, share }) => `${lower.channel}: ${percent(share)}`),
      ];
}

/** An attribution graph with the name of its file. */
interface NamedGraph {
  readonly name: string;
  readonly graph: ConceptGraph;
}

/** All attribution graphs of a report: of the set, and of each explained photo. */
export function graphsOf(made: MadeConcepts): NamedGraph[] {
  const names = sheetNames(made);
  const { shown } = made;
  return [
    ...(names.graph ? [{ name: names.graph, graph: setGraph(made) }] : []),
    ...shown.photos.flatMap((photo, i) => {
      const name = names.graphOfPhoto[i];
      return name ? [{ name, graph: photoGraph(photo, made) }] : [];
    }),
  ];
}

const graphFooter = (what: string, pictures: string): string =>
  `Curves are as thick as shares are large, those from the score on a scale of their own. Below a channel’s number is its share of the relevance of its layer; at a curve, the share of what the upper channel carries that goes on through the lower one, ${what}; at most three of each channel are drawn. ` +
  `${pictures} A channel is no concept until somebody has looked. Drawn by limn ${version}.`;

function setGraph({ work, survey, shown, identity }: MadeConcepts): ConceptGraph {
  const { edges } = shown;
  return {
    title: 'Which channel feeds which',
    subtitle: `${identity.model.network} · ${plural(identity.data.photos, 'photo')}`,
    explained: { title: 'explained scores' },
    layers: work.layers.map(({ name, below }, i) => {
      const { shares } = survey.layers[i].all;
      const tiles = shown.layers.get(name)!;
      return {
        ...{ name, below },
        nodes: inGraph(name, shown.chosen.get(name)!, edges).map((channel) => ({
          channel,
          share: meanOfChannel(shares, channel).mean,
          pictures: tilesOf(tiles.get(channel)!, 'relevance')
            .slice(0, 2)
            .map(({ picture }) => picture),
        })),
      };
    }),
    edges,
    footer: graphFooter(
      'the mean over the photos in which that carries most',
      'Pictures are of the photos in which a channel carries most relevance.',
    ),
  };
}

function photoGraph(photo: ExplainedPhotoWork, { work, shown, identity }: MadeConcepts): ConceptGraph {
  const { edges, reading } = photo;
  const { host } = work;
  return {
    title: `What speaks for ${reading.about.named}, from channel to channel`,
    subtitle: `${host.files.basename(photo.photo)} · ${identity.model.network} · references from ${plural(identity.data.photos, 'photo')}`,
    explained: { title: reading.about.named, picture: photo.seen },
    layers: work.layers.map(({ name, below }, i) => {
      const tiles = shown.layers.get(name)!;
      const own = new Map((photo.layers.get(name) ?? []).map((each) => [each.channel, each]));
      return {
        ...{ name, below },
        nodes: inGraph(name, [...own.keys()], edges).map((channel) => ({
          channel,
          share: reading.layers[i].shares[channel],
          pictures: [
            ...(own.has(channel) ? [own.get(channel)!.heat] : []),
            ...tilesOf(tiles.get(channel)!, 'relevance').map(({ picture }) => picture),
          ].slice(0, 2),
        })),
      };
    }),
    edges,
    footer: graphFooter(
      'in this photo',
      'Pictures are what carries the channel in this photo, where it is among the strongest, and photos in which it carries most.',
    ),
  };
}

/** The channels of a layer that a graph has: the strongest, and what edges lead to. */
const inGraph = (layer: string, strongest: readonly number[], edges: readonly ConceptEdge[]): number[] => [
  ...new Set([...strongest, ...edges.flatMap(({ lower }) => (lower.layer === layer ? [lower.channel] : []))]),
];

/** Draws all sheets and graphs and the page that has them; returns the paths. */
export async function writeSheets(
  made: MadeConcepts,
  report: ConceptReport,
  folder: string,
): Promise<string[]> {
  const { files, images, versions } = made.work.host;
  const pictures = new Map<
    string,
    Parameters<typeof conceptsPage>[1] extends ReadonlyMap<string, infer P> ? P : never
  >();
  const written: string[] = [];
  const add = async (
    { name, title, subtitle }: { name: string; title: string; subtitle: string },
    picture: Image,
    rows: readonly string[],
  ) => {
    written.push(files.join(folder, name));
    // The page has them at half the size: it is one file.
    const [width, height] = [picture.width, picture.height].map((n) => Math.round(n / PIXELS_PER_UNIT));
    const png = await images.encodePng(resizeImage(picture, height, width));
    pictures.set(name, {
      source: `data:image/png;base64,${toBase64(png)}`,
      width,
      height,
      alt: `${title}: ${rows.join('; ')}`,
      caption: `${title}. ${subtitle}.`,
    });
  };
  for (const { name, sheet } of sheetsOf(made)) {
    const picture = await images.draw(layoutConcepts(sheet));
    await files.write(files.join(folder, name), await images.encodePng(picture));
    const rows = sheet.rows.map(({ title, share }) => `${title}, ${share}`);
    await add({ name, ...sheet }, picture, rows);
  }
  for (const { name, graph } of graphsOf(made)) {
    const layout = layoutConceptGraph(graph);
    await files.write(files.join(folder, name), await layoutSvg(layout, images.encodePng));
    const rows = graph.edges.map(
      ({ upper, lower, share }) =>
        `${upper.layer} ${upper.channel} from ${lower.layer} ${lower.channel}, ${percent(share)}`,
    );
    await add({ name, ...graph }, await images.draw(layout), rows);
  }
  const page = files.join(folder, PAGE_FILE);
  await files.write(page, conceptsPage(report, pictures, `Made by limn ${versions.limn}.`));
  return [page, ...written];
}
