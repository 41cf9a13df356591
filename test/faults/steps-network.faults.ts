import { NETWORK_FAULTS } from '../support/faults/kinds.ts';
import { everyStep } from '../support/faults/matrix.ts';

everyStep(NETWORK_FAULTS);
