import { toBase64 } from '../../common/base64.ts';
import { percent } from '../../common/format.ts';
import { version } from '../../common/version.ts';
import { type ConceptEdge, type ConceptReport, meanOfChannel } from '../../concepts/index.ts';
import { PIXELS_PER_UNIT, resizeImage } from '../../image/index.ts';
import {
  type ConceptRow,
  type ConceptSheet,
  type ConceptTile,
  conceptsPage,
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
    subtitle: `${identity.model.network} · ${identity.data.photos} photos · shares are means of each photo’s relevance at the layer`,
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
    subtitle: `${host.files.basename(photo.photo)} · ${identity.model.network}, ${layer} · references from ${identity.data.photos} photos`,
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

/** Draws all sheets and the page that has them; returns the paths. */
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
  for (const { name, sheet } of sheetsOf(made)) {
    const picture = await images.draw(layoutConcepts(sheet));
    await files.write(files.join(folder, name), await images.encodePng(picture));
    written.push(files.join(folder, name));
    // The page has them at half the size: it is one file.
    const [width, height] = [picture.width, picture.height].map((n) => Math.round(n / PIXELS_PER_UNIT));
    const png = await images.encodePng(resizeImage(picture, height, width));
    pictures.set(name, {
      source: `data:image/png;base64,${toBase64(png)}`,
      width,
      height,
      alt: `${sheet.title}: ${sheet.rows.map(({ title, share }) => `${title}, ${share}`).join('; ')}`,
      caption: `${sheet.title}. ${sheet.subtitle}.`,
    });
  }
  const page = files.join(folder, PAGE_FILE);
  await files.write(page, conceptsPage(report, pictures, `Made by limn ${versions.limn}.`));
  return [page, ...written];
}
