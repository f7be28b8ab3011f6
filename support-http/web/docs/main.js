// @ts-check
import { applyTheme } from "../shared/theme.js";
import { ApiDocs } from "./docs.js";

applyTheme();
document.body.append(new ApiDocs());
