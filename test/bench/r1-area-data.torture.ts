// R1 --area data: that of the gateway, which reads of `--area` what else is killed.
import './r1-area-gateway.torture.js';
