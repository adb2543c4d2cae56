import { bytes, count, scaled, shapeText, short } from '../../common/format.ts';
import { colormap, renderHeatmap } from '../../image/index.ts';
import type { InspectRequest, InspectResult } from '../../verbs/index.ts';
import { keptPictures } from '../explain/pictures.ts';
import { picturesInRows } from '../parts/picturerows.ts';
import { chartPicture, type KeptPicture, type SeenFinding } from '../parts/pin.tsx';
import type { ChannelSheet } from '../protocol/index.ts';
import { askWorker, knownAnswer } from '../state/asked.ts';
import { inspectCommandText } from '../state/commands.ts';
import { pathWithHash } from '../state/link.ts';
import { inspectProgramText } from '../state/programs.ts';
import { activePhoto, view } from '../state/view.ts';
import { depthBars, depthRequest } from './depth.tsx';
import { layerRequest, sheetLimit } from './sheets.tsx';

/**
 * What the notebook keeps of a network: what it is, and what says the same elsewhere; and of its own room, of the photo that is
 * looked at, its heatmap, where relevance went, and what the channels of the layer that is chosen hold.
 */
export async function seenOfNetwork(
  request: InspectRequest,
  { name, file, inputs, heads, total, composite, obstacle }: InspectResult,
  looked?: { readonly layer: string | undefined },
): Promise<SeenFinding> {
  const photo = looked && activePhoto();
  const depth = looked && depthRequest();
  const shown = depth && knownAnswer('explain', depth);
  const chosen = looked && layerRequest(looked.layer);
  const sheets = chosen && knownAnswer('layer', chosen);
  const bars = shown ? depthBars(shown.reading) : [];
  return {
    title: `The network ${name || request.model}`,
    facts: [
      ['takes', inputs.map(({ shape }) => shapeText(shape)).join(', ')],
      ['says', heads.map((head) => head.name).join(', ') || 'nothing whose meaning is known'],
      [
        'size',
        `${count(total.parameters)} parameters, ${scaled(total.multiplyAdds)} multiply-adds a photo, ${bytes(file.bytes)}`,
      ],
      ['explained by', composite ?? `nothing: ${obstacle}`],
      ...(shown && photo !== undefined
        ? ([
            ['score', `${short(shown.reading.score)} for ${shown.reading.target.name}`],
            ['photo', await pathWithHash(photo)],
          ] as const)
        : []),
      ...(sheets && looked?.layer !== undefined
        ? ([['layer', `${looked.layer}, ${shapeText(sheets.activations.shape)}`]] as const)
        : []),
      ['network', `${request.model}, SHA-256 ${file.sha256}`],
    ],
    pictures: [
      ...(shown ? keptPictures(shown, photo) : []),
      ...(bars.length > 0
        ? [
            await chartPicture(
              await askWorker('depthChart', bars, { text: 'drawing where relevance went' }),
              'where relevance went',
            ),
          ]
        : []),
      ...(sheets ? [await sheetPicture(sheets.activations, `activations of ${looked?.layer}`)] : []),
      ...(sheets?.relevance ? [await sheetPicture(sheets.relevance, `relevance of ${looked?.layer}`)] : []),
    ],
    command: inspectCommandText(request),
    program: inspectProgramText(request),
  };
}

/** The channels of a sheet as they stand there, the strongest first. */
function sheetPicture(sheet: ChannelSheet, alt: string): Promise<KeptPicture> {
  const colors = colormap(view.value.drawing.colors);
  const limit = sheetLimit(sheet);
  return picturesInRows(
    sheet.channels.map(({ map }) => renderHeatmap(map, colors, limit)),
    alt,
    8,
  );
}
