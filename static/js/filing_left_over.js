import { showLeftOver } from "./filing_device.js";

const place = document.querySelector("[data-left-over]");
showLeftOver(place, JSON.parse(place.dataset.labels));
