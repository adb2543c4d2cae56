export { type PlotResult, plot } from './plot.ts';
export { type PlotRequest, plotRequest } from './request.ts';
