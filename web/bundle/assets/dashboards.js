import{u as r}from"./index.js";function a(){return r("h1",{children:"Dashboards"})}export{a as DashboardsPage};
