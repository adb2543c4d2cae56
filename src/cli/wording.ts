import type { Preprocessing, Shape } from '../graph/index.ts';

/** `N×3×224×224`. */
export const shapeText = (shape: Shape): string => (shape.length === 0 ? 'a scalar' : shape.join('×'));

/** Preprocessing as people read it, in the order in which it is done. */
export function preprocessingText(how: Preprocessing): string {
  const { resize, crop, channels, mean, scale, std } = how;
  const steps = [
    resize && `resize to ${resize.height}×${resize.width} (${resize.mode})`,
    crop && `crop ${crop.height}×${crop.width}`,
    channels,
    mean && `minus ${'data' in mean ? `a mean image ${shapeText(mean.shape)}` : `(${mean.join(', ')})`}`,
    scale !== undefined && `times ${Number(scale.toPrecision(6))}`,
    std && `divided by (${std.join(', ')})`,
  ];
  return steps.filter(Boolean).join(', ');
}
