import { fail } from '../../common/error.ts';
import type { JsonField } from '../../common/json.ts';
import { type ResizeFilter, resizeFilters } from '../../graph/index.ts';
import { type Described, normalisation } from '../described.ts';
import { isAbsent } from './processor.ts';

/**
 * How timm prepares photos for a network when it evaluates it: `config.json` with a `pretrained_cfg`. The photo is resized
 * to the input's size by `crop_pct`, as `crop_mode` says, and the middle is cut. Errors: the crop mode `border`, which
 * limn does not have.
 */
export function readTimm(config: JsonField): Described {
  const given = config.at('pretrained_cfg');
  const [channels, height, width] = given.at('input_size').list((item) => item.count());
  const share = isAbsent(given.at('crop_pct')) ? 0.875 : given.at('crop_pct').number();
  const mode = isAbsent(given.at('crop_mode')) ? 'center' : given.at('crop_mode').string();
  if (mode !== 'center' && mode !== 'squash')
    fail(given.at('crop_mode').where, `photos are resized by mode '${mode}', which limn does not`);
  return {
    fields: {
      channels: channels === 1 ? 'gray' : 'rgb',
      resize: { height: Math.floor(height / share), width: Math.floor(width / share) },
      resizeMode: mode === 'squash' ? 'stretch' : 'shorter-side',
      resizeFilter: filterOf(given.at('interpolation')),
      crop: { height, width },
      cropRounding: 'even',
      ...normalisation({ mean: numbersOf(given.at('mean')), std: numbersOf(given.at('std')) }),
    },
    labels: labelsOf(config),
    input: [channels, height, width],
  };
}

const numbersOf = (field: JsonField): number[] => field.list((item) => item.number());

function filterOf(field: JsonField): ResizeFilter {
  if (isAbsent(field)) return 'bicubic';
  const name = field.string();
  // `random` is a matter of training.
  return name === 'random' ? 'bicubic' : field.oneOf(...resizeFilters);
}

/** What the classes are called: their descriptions where there are any. */
function labelsOf(config: JsonField): string[] | undefined {
  const names = config.at('label_names');
  if (isAbsent(names)) return undefined;
  const descriptions = config.at('label_descriptions');
  return names.list((name) => {
    const described = isAbsent(descriptions) ? undefined : descriptions.at(name.string());
    return described && !isAbsent(described) ? described.string() : name.string();
  });
}
