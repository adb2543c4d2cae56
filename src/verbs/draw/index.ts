export { type DrawnHeatmap, type DrawResult, draw } from './draw.ts';
export { type DrawRequest, drawRequest } from './request.ts';
