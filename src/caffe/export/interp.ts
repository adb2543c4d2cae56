import type { Exporter } from './exporter.ts';

/** Images resized with their corners in place: DeepLab's Interp, which only some forks have. */
export const resize: Exporter = (e) => {
  const { site } = e;
  const [mode, corners] = [site.string('mode', 'nearest'), site.string('coordinate_transformation_mode', '')];
  if (mode !== 'linear' || corners !== 'align_corners') e.fail('it is not linear between aligned corners');
  const [batch, channels, height, width] = site.output();
  const [from, input] = [site.shape(0), site.input(0)];
  if (from.length !== 4 || batch !== from[0] || channels !== from[1]) e.fail('it resizes no images');
  const crop = e.helper(input, 'crop', 'Slice');
  const [start, end] = crop ? [1, 2].map((i) => site.like(crop).constants(i)[0]) : [0, 0];
  const bottom = crop?.inputs[0] ?? input;
  const cut = crop ? Number(e.shape(bottom)[2]) - end : 0;
  return e.layer({
    type: 'Interp',
    bottoms: [bottom],
    param: {
      interpParam: {
        height: Number(height),
        width: Number(width),
        ...(start !== 0 && { padBeg: -start }),
        ...(cut !== 0 && { padEnd: -cut }),
      },
    },
  });
};
