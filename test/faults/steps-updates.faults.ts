import { UPDATE_FAULTS, WATCH_FAULTS } from '../support/faults/kinds.ts';
import { everyStep } from '../support/faults/matrix.ts';

everyStep([...UPDATE_FAULTS, ...WATCH_FAULTS]);
