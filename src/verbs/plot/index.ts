export { type PlotResult, plot, type ReadTrainings, readTrainings } from './plot.ts';
export { type PlotRequest, plotRequest } from './request.ts';
