import { percent, short } from '../../common/format.ts';

/** The score when so large a share of pixels is covered. */
export interface CurvePoint {
  readonly share: number;
  readonly score: number;
}

const [width, height, left, bottom] = [420, 190, 58, 26];

/** The score over the share of pixels that are covered. */
export function Curve({
  points,
  at,
  name,
}: {
  readonly points: readonly CurvePoint[];
  readonly at: number;
  readonly name: string;
}) {
  const scores = points.map(({ score }) => score);
  const [least, most] = [Math.min(0, ...scores), Math.max(...scores, 1e-9)];
  const x = (share: number) => left + (share / 0.5) * (width - left - 8);
  const y = (score: number) => 8 + ((most - score) / (most - least)) * (height - bottom - 8);
  const line = points.map(({ share, score }) => `${x(share).toFixed(1)},${y(score).toFixed(1)}`).join(' ');
  return (
    <svg
      class="curve"
      viewBox={`0 0 ${width} ${height}`}
      role="img"
      aria-label={`score of ${name}, from ${short(scores[0])} with nothing covered to ${short(scores[scores.length - 1])}`}
    >
      <title>score of {name} over the share of covered pixels</title>
      {[...new Set([least, 0, most])].map((score) => (
        <g key={score}>
          <line class="curve-grid" x1={left} x2={width - 8} y1={y(score)} y2={y(score)} />
          <text x={left - 6} y={y(score) + 4} text-anchor="end">
            {short(score)}
          </text>
        </g>
      ))}
      {[0, 0.25, 0.5].map((share) => (
        <text key={share} x={x(share)} y={height - 6} text-anchor={share === 0.5 ? 'end' : 'middle'}>
          {percent(share)}
          {share === 0.5 && ' covered'}
        </text>
      ))}
      <line class="curve-at" x1={x(at)} x2={x(at)} y1={8} y2={height - bottom} />
      <polyline class="curve-line" points={line} />
      {points.map(({ share, score }) => (
        <circle key={share} class="curve-point" cx={x(share)} cy={y(score)} r="3.5">
          <title>
            {percent(share)} covered: {short(score)}
          </title>
        </circle>
      ))}
    </svg>
  );
}
