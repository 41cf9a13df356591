import { liveHistories } from '../support/faults/live-histories.ts';

liveHistories(4);
